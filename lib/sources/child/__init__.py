"""Strangers' files are read in a process of their own, which has limits of memory and time.

Each reader of files refuses what it knows to be harmful. What nobody thought of (text that is slow to match, a page
that unpacks to gigabytes, a crash in a C library) ends this process and one reading, never the server or another
visitor's page. It is no sandbox against code that an attacker runs: the process has the server's user. But it gets no
keys, holds the files of one visitor alone, and its answer is read with the same care as a file from outside.

`pool` is the server's side, `serve` the other one; `messages` is what passes between them, and `limits` what bounds it.
"""
