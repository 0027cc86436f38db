from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """The same cost as in Mailkey: 19 MiB, two passes, one lane (OWASP)."""

    memory_cost = 19456
    time_cost = 2
    parallelism = 1
