//! Mailkey.
