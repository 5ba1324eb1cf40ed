using System.Buffers;
using System.Text;

namespace Barnabas.Cli;

/// <summary>Standard output as bytes, through one large buffer.</summary>
internal sealed class StdOut : IBufferWriter<byte>, IDisposable
{
    private const int Capacity = 256 * 1024;
    private readonly Stream _stream;
    private byte[] _buffer = new byte[Capacity];
    private int _length;

    public StdOut()
        : this(Console.OpenStandardOutput())
    {
    }

    /// <summary>Into a stream of the caller's.</summary>
    public StdOut(Stream stream) => _stream = stream;

    /// <inheritdoc/>
    public void Advance(int count) => _length += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(_length);
    }

    /// <summary>Writes bytes; large ones pass the buffer by.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _buffer.Length - _length)
        {
            Flush();
            if (bytes.Length >= _buffer.Length)
            {
                ToStream(bytes);
                return;
            }
        }

        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Writes text in UTF-8.</summary>
    public void Write(string text) => Encoding.UTF8.GetBytes(text, this);

    /// <summary>Writes text and ends the line.</summary>
    public void WriteLine(string text)
    {
        Write(text);
        Write("\n"u8);
    }

    /// <summary>Hands what is buffered to the other end.</summary>
    /// <exception cref="StdOutClosedException">Nobody reads any more.</exception>
    public void Flush()
    {
        if (_length == 0)
            return;
        var length = _length;
        _length = 0;
        ToStream(_buffer.AsSpan(0, length));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Flush();
        _stream.Dispose();
    }

    private void Reserve(int room)
    {
        room = Math.Max(room, 1);
        if (_buffer.Length - _length >= room)
            return;
        Flush();
        if (_buffer.Length < room)
            _buffer = new byte[room];
    }

    private void ToStream(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _stream.Write(bytes);
            _stream.Flush();
        }
        catch (IOException fault)
        {
            throw new StdOutClosedException(fault);
        }
    }
}

/// <summary>Whoever read standard output has gone: the command ends without a word.</summary>
/// <param name="inner">The fault beneath.</param>
internal sealed class StdOutClosedException(IOException inner) : Exception("standard output is closed", inner);
