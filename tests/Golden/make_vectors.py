#!/usr/bin/env python3
"""Writes vectors/messages/generated.tsv: samples of every schema in every version, with values of our own.

An encoder of the wire format apart from the C# one, written from the format's description (KIP-482 and the protocol
guide) over the notation in schema/ (docs/design/wire-notation.md). Two encoders that agree on every byte are unlikely
to share a fault. Values are pseudo-random with a fixed seed for each sample, so that a new field changes its own
schema's lines only. Run it after a change of schema/:  tests/Golden/make_vectors.py
"""
import base64
import json
import pathlib
import random
import struct

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOREVER = 32767
INTEGERS = {"int8": ">b", "int16": ">h", "uint16": ">H", "int32": ">i", "uint32": ">I", "int64": ">q"}
WORDS = ["a", "orders", "payments.eu-1", "", "été", "群組", "x" * 130, "client-7", "\U0001f980", "PLAINTEXT", "_b-2"]


class Range:
    """An inclusive range of versions."""

    def __init__(self, word, outer=None):
        last = outer.last if outer else FOREVER
        if word == "none":
            self.first, self.last = 1, 0
        elif word.endswith("+"):
            self.first, self.last = int(word[:-1]), last
        elif "-" in word:
            self.first, self.last = map(int, word.split("-"))
        else:
            self.first = self.last = int(word)

    def __contains__(self, version):
        return self.first <= version <= self.last


class Field:
    """A line of a schema: a field, or a message or struct, whose members are its fields."""

    def __init__(self, words, outer):
        self.name, kind = words[0], words[1]
        self.versions, self.nullable, self.tag, self.default = outer, None, None, None
        self.plain, self.fields = "plain" in words, []
        rest = iter(words[2:])
        for word in rest:
            if word == "tag":
                self.tag = int(next(rest))
            elif word == "=":
                self.default = next(rest)
            elif word[0].isdigit():
                self.versions = Range(word, outer)
        self.is_array = kind.startswith("[]")
        kind, mark, since = kind.removeprefix("[]").partition("?")
        if mark:
            self.nullable = Range(since) if since else Range("0+")
        self.kind = kind


class Message:
    """A request, response, record or piece of data."""

    def __init__(self, name, versions, flexible):
        self.name, self.versions, self.flexible = name, versions, flexible
        self.fields, self.structs = [], {}


def parse(path):
    """The messages of one schema file."""
    messages, api, stack = [], None, []
    for line in path.read_text(encoding="utf-8").splitlines():
        code = line.split("#")[0].rstrip()
        if not code:
            continue
        words, depth = code.split(), (len(code) - len(code.lstrip())) // 2
        if depth == 0:
            if words[0] in ("request", "response"):
                message = Message(api.name + words[0].capitalize(), api.versions, api.flexible)
            else:
                at = 2 if words[1].isdigit() else 1
                message = Message(words[at], Range(words[at + 2]), Range(words[at + 4]))
            if words[0] == "api":
                api = message
            else:
                messages.append(message)
            stack = [(message.fields, message.versions)]
            continue
        del stack[depth:]
        into, outer = stack[-1]
        if words[0] == "struct":
            members = message.structs[words[1]] = []
            stack.append((members, Range(words[2], outer) if len(words) > 2 else outer))
        else:
            field = Field(words, outer)
            into.append(field)
            stack.append((field.fields, field.versions))
    for message in messages:
        for fields in [message.fields, *list(message.structs.values())]:
            collect(fields, message.structs)
    return messages


def collect(fields, structs):
    """Finds the structs that are described in place."""
    for f in fields:
        if f.fields:
            structs[f.kind] = f.fields
            collect(f.fields, structs)


class Sample:
    """Makes up the values of one message and encodes them as it goes."""

    def __init__(self, message, version, variant, domain):
        self.message, self.version, self.domain = message, version, domain
        self.full = variant == "full"
        self.flexible = version in message.flexible
        self.random = random.Random(f"{message.name}/{version}/{variant}")

    def body(self):
        return self.struct(self.message.fields)

    def struct(self, fields):
        """Values and bytes of a struct."""
        values, data, tags = {}, b"", []
        for f in (f for f in fields if self.version in f.versions):
            key = f.name[0].lower() + f.name[1:]
            if f.tag is None:
                values[key], encoded = self.field(f)
                data += encoded
            elif self.full or self.random.random() < 0.5:
                value, encoded = self.field(f)
                if not self.is_default(f, value):
                    values[key] = value
                    tags.append((f.tag, encoded))
        if self.flexible:
            data += self.tag_section(fields, tags)
        return values, data

    def tag_section(self, fields, tags):
        if not self.full:
            known = {f.tag for f in fields if f.tag is not None and self.version in f.versions}
            strange = [t for t in (*range(6), 200, 70000) if t not in known]
            for tag in self.random.sample(strange, self.random.choice([0, 0, 1, 2])):
                tags.append((tag, self.random.randbytes(self.random.choice([0, 1, 5]))))
        data = uvarint(len(tags))
        for tag, encoded in sorted(tags):
            data += uvarint(tag) + uvarint(len(encoded)) + encoded
        return data

    def field(self, f):
        """Value and bytes of a field, null included."""
        kind = self.domain.get(f.kind, f.kind)
        null = f.nullable and self.version in f.nullable and not self.full and self.random.random() < 0.4
        if f.is_array:
            if null:
                return None, self.count(-1)
            elements = [self.value(f, kind) for _ in range(2 if self.full else self.random.choice([0, 1, 3]))]
            return [v for v, _ in elements], self.count(len(elements)) + b"".join(b for _, b in elements)
        if kind in self.message.structs and f.nullable:
            if null:
                return None, b"\xff"
            value, encoded = self.value(f, kind)
            return value, b"\x01" + encoded
        if null:
            return None, self.length(-1, kind, f.plain)
        return self.value(f, kind)

    def value(self, f, kind):
        """Value and bytes of something that is there."""
        if kind in self.message.structs and f.kind not in self.domain:
            return self.struct(self.message.structs[kind])
        if kind == "ErrorCode":
            code = self.random.randint(-1, 133)
            return code, struct.pack(">h", code)
        if kind in INTEGERS:
            number = self.integer(kind)
            return number, struct.pack(INTEGERS[kind], number)
        if kind == "bool":
            truth = self.full or self.random.random() < 0.5
            return truth, bytes([truth])
        if kind == "float64":
            number = self.random.choice([0.0, -1.5, 1e300, 0.1, 48 * 1024.0])
            return number, struct.pack(">d", number)
        if kind == "uuid":
            raw = self.random.randbytes(16)
            return base64.urlsafe_b64encode(raw).decode().rstrip("="), raw
        if kind == "string":
            text = self.random.choice(WORDS)
            raw = text.encode()
            return text, self.length(len(raw), kind, f.plain) + raw
        raw = self.random.randbytes(self.random.choice([1, 7, 24] if self.full else [0, 3]))
        return base64.b64encode(raw).decode(), self.length(len(raw), kind, False) + raw

    def integer(self, kind):
        size = struct.calcsize(INTEGERS[kind]) * 8
        low, high = (0, (1 << size) - 1) if kind[0] == "u" else (-(1 << size - 1), (1 << size - 1) - 1)
        if self.full:
            return self.random.randint(low, high)
        return self.random.choice([low, high, 0, 1, max(low, -1), 100, self.random.randint(low, high)])

    def count(self, n):
        return uvarint(n + 1) if self.flexible else struct.pack(">i", n)

    def length(self, n, kind, plain):
        if self.flexible and not plain:
            return uvarint(n + 1)
        return struct.pack(">h" if kind == "string" else ">i", n)

    def is_default(self, f, value):
        """True when a tagged field holds its default and must not be written."""
        if f.default == "null" or value is None:
            return value is None and f.default == "null"
        if f.is_array:
            return value == []
        kind = self.domain.get(f.kind, f.kind)
        if f.kind in self.message.structs and f.kind not in self.domain:
            return self.is_default_struct(self.message.structs[f.kind], value)
        if kind in INTEGERS or kind == "ErrorCode":
            return value == int(f.default or 0)
        if kind == "bool":
            return value == (f.default == "true")
        if kind == "uuid":
            return value == "A" * 22
        return value in ("", 0.0)

    def is_default_struct(self, fields, values):
        """A struct that holds what it would hold were it left out; unknown tags make it differ, so never empty ones."""
        return all(self.is_default(f, values[k]) for f in fields
                   if (k := f.name[0].lower() + f.name[1:]) in values)


def uvarint(n):
    data = b""
    while n > 127:
        data += bytes([n & 127 | 128])
        n >>= 7
    return data + bytes([n])


def main():
    domain = dict(line.split()[1:3] for line in (ROOT / "schema/types.wire").read_text().splitlines()
                  if line.startswith("type"))
    paths = [*ROOT.glob("schema/messages/*.wire"), *ROOT.glob("schema/records/*/*.wire")]
    messages = sorted((m for p in paths for m in parse(p)), key=lambda m: m.name)
    lines = ["name\tversion\tvariant\tjson\thex"]
    for m in messages:
        for version in range(m.versions.first, m.versions.last + 1):
            for variant in ("full", "mixed"):
                values, data = Sample(m, version, variant, domain).body()
                text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
                lines.append(f"{m.name}\t{version}\t{variant}\t{text}\t{data.hex()}")
    (ROOT / "tests/Golden/vectors/messages/generated.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines) - 1} samples of {len(messages)} messages")


if __name__ == "__main__":
    main()
