"""Adds users to a PocketBase database that exists: its own hashing (bcrypt, cost 10), one password for all."""

import os
import random
import sqlite3
import string

letters = string.ascii_lowercase + string.digits
name = lambda length: "".join(random.choices(letters, k=length))
database = sqlite3.connect(os.environ["DATA"] + "/data.db")
columns = [row[1] for row in database.execute("pragma table_info(users)")]
for number in range(int(os.environ["USERS"])):
    values = {
        "id": name(15),
        "email": f"known-{number}@example.com",
        "password": os.environ["HASH"],
        "tokenKey": name(50),
        "verified": True,
        "emailVisibility": False,
        "name": "Somebody",
        "avatar": "",
        "created": "2026-01-01 00:00:00.000Z",
        "updated": "2026-01-01 00:00:00.000Z",
    }
    known = [column for column in columns if column in values]
    database.execute(
        f"insert into users ({', '.join(known)}) values ({', '.join('?' * len(known))})",
        [values[column] for column in known],
    )
database.commit()
