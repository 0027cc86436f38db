//! The environment of a function under a Lambda Runtime API of our own.

/// A key that is good enough to start with.
pub(crate) const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What the template and Lambda tell every function, whose runtime API is at `api`.
pub(crate) fn lambda_environment(api: &str) -> [(&'static str, &str); 18] {
    [
        ("MAILKEY_TABLE_PREFIX", "bench-"),
        ("MAILKEY_SITE_URL", "https://account.example.com"),
        ("MAILKEY_PORTAL_NAME", "Example Portal"),
        ("MAILKEY_SUPPORT_EMAIL", "help@example.com"),
        ("MAILKEY_FROM", "no-reply@mail.example.com"),
        ("MAILKEY_EDGE_KEY", KEY),
        ("MAILKEY_REQUEST_KEY", KEY),
        ("MAILKEY_DEVICE_KEY", KEY),
        ("MAILKEY_SECOND_FACTOR_KEY", KEY),
        ("MAILKEY_ERASURE_KEY", KEY),
        ("MAILKEY_DELAY_QUEUE", "http://127.0.0.1:9/queue"),
        ("AWS_LAMBDA_RUNTIME_API", api),
        ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "bench"),
        ("AWS_SECRET_ACCESS_KEY", "bench"),
    ]
}
