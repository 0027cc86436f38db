# The hourly mail to SES's mailbox simulator.
canary-subject = { $portal } canary
canary-preheader = Mail goes out.
canary-heading = Mail goes out
canary-proof = This mail proves that mail goes out and that SES's events come back. Nobody has to read it.
