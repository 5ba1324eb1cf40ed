"""The hash by which Java's producer chooses a partition: an implementation of our own to hold clients against."""


def murmur2(data: bytes) -> int:
    """MurmurHash2 with Kafka's seed, 32 bits."""
    mask, factor = 0xFFFFFFFF, 0x5BD1E995
    value = 0x9747B28C ^ len(data)
    whole = len(data) & ~3
    for at in range(0, whole, 4):
        word = int.from_bytes(data[at : at + 4], "little") * factor & mask
        word = (word ^ word >> 24) * factor & mask
        value = value * factor & mask ^ word
    rest = data[whole:]
    if rest:
        value = (value ^ int.from_bytes(rest, "little")) * factor & mask
    value = (value ^ value >> 13) * factor & mask
    return value ^ value >> 15


def partition_of(key: bytes, partitions: int) -> int:
    """Where Java's producer sends a record with this key."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions
