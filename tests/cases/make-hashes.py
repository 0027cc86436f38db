"""Writes more-hashes.json: hashes made by the libraries that portals use. Needs passlib, django, bcrypt 4.0 and argon2-cffi.

ASP.NET Identity and WordPress 6.8 aren't Python. Their formats are written here as their sources describe them:
PasswordHasher.cs (HashPasswordV3) of dotnet/aspnetcore, and wp_hash_password() of WordPress 6.8.
"""

import base64, hashlib, hmac, json, struct
import bcrypt
from passlib import hash as passlib
from passlib.hash import ldap_bcrypt
from django.conf import settings

settings.configure(PASSWORD_HASHERS=[f"django.contrib.auth.hashers.{name}" for name in (
    "PBKDF2PasswordHasher", "Argon2PasswordHasher", "BCryptSHA256PasswordHasher", "BCryptPasswordHasher", "ScryptPasswordHasher")])
from django.contrib.auth import hashers

PLAIN, LONG = "seven lamps on a quiet pier", ("Grüße aus Köln " * 9).strip()


def aspnet(password, prf, digest, rounds):
    salt = bytes(range(16))
    output = hashlib.pbkdf2_hmac(digest, password.encode(), salt, rounds, 32)
    return base64.b64encode(b"\x01" + struct.pack(">III", prf, rounds, len(salt)) + salt + output).decode()


def wordpress(password):
    trimmed = password.strip(" \t\n\r\0\x0b").encode()
    key = base64.b64encode(hmac.new(b"wp-sha384", trimmed, hashlib.sha384).digest())
    return "$wp" + bcrypt.hashpw(key, bcrypt.gensalt(4)).decode().replace("$2b$", "$2y$")


def django(name, password, **parameters):
    hasher = hashers.get_hasher(name)
    for parameter, value in parameters.items():
        setattr(hasher, parameter, value)
    return hasher.encode(password, hasher.salt())


rows = []
for what, make in [
    ("Django pbkdf2_sha256", lambda p: django("pbkdf2_sha256", p, iterations=1000)),
    ("Django argon2", lambda p: django("argon2", p, memory_cost=1024, parallelism=2)),
    ("Django bcrypt_sha256", lambda p: django("bcrypt_sha256", p, rounds=4)),
    ("Django scrypt", lambda p: django("scrypt", p, work_factor=1024)),
    ("passlib pbkdf2_sha256", lambda p: passlib.pbkdf2_sha256.using(rounds=1000).hash(p)),
    ("passlib pbkdf2_sha512", lambda p: passlib.pbkdf2_sha512.using(rounds=1000).hash(p)),
    ("passlib phpass", lambda p: passlib.phpass.using(rounds=8).hash(p)),
    ("passlib phpass, phpBB", lambda p: passlib.phpass.using(rounds=8, ident="H").hash(p)),
    ("passlib scrypt", lambda p: passlib.scrypt.using(rounds=10).hash(p)),
    ("argon2 of 128 bytes", lambda p: passlib.argon2.using(rounds=1, memory_cost=1024, digest_size=128).hash(p)),
    ("WordPress 6.8", wordpress),
    ("ASP.NET Identity v3, SHA-256", lambda p: aspnet(p, 1, "sha256", 1000)),
    ("ASP.NET Identity v3, SHA-512", lambda p: aspnet(p, 2, "sha512", 1000)),
]:
    rows += [{"what": what, "hash": make(PLAIN), "password": PLAIN},
             {"what": f"{what}, 134 characters", "hash": make(LONG), "password": LONG}]
rows += [
    {"what": "Django bcrypt", "hash": django("bcrypt", PLAIN, rounds=4), "password": PLAIN},
    {"what": "LDAP {BCRYPT}", "hash": "{BCRYPT}" + bcrypt.hashpw(PLAIN.encode(), bcrypt.gensalt(4, b"2a")).decode(), "password": PLAIN},
    {"what": "LDAP {CRYPT}", "hash": ldap_bcrypt.using(rounds=4).hash(PLAIN), "password": PLAIN},
    {"what": "WordPress 6.8, trimmed", "hash": wordpress(f" {PLAIN} "), "password": f"{PLAIN} "},
    {"what": "WordPress 6.7, trimmed", "hash": passlib.phpass.using(rounds=8).hash(PLAIN), "password": f" {PLAIN}"},
]
print("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]")
