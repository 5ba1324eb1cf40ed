namespace Barnabas.Records;

/// <summary>A stream over memory that gives out its last byte by itself: a reader that is done without having
/// asked for it was given more than belongs to it.</summary>
internal sealed unsafe class LastByteApartStream(byte* bytes, int length) : Stream
{
    private int _position;

    /// <summary>True once the last byte was asked for.</summary>
    public bool IsExhausted => _position == length;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var left = length - _position;
        var count = Math.Min(buffer.Length, left > 1 ? left - 1 : left);
        new ReadOnlySpan<byte>(bytes + _position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
        // There is nothing to write.
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
