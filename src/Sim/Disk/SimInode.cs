namespace Barnabas.Sim;

/// <summary>A simulated file's bytes, twice: as the running machine sees them, and as the disk has them for
/// sure.</summary>
/// <remarks>Pages are never changed, only replaced, so both may share them.</remarks>
internal sealed class SimInode
{
    private const int PageSize = 4096;
    private const int SectorSize = 512;
    private static readonly byte[] Zeros = new byte[PageSize];

    private readonly Dictionary<long, byte[]> _seen = [];
    private readonly Dictionary<long, byte[]> _durable = [];
    private readonly SortedSet<long> _dirty = [];
    private long _durableLength;

    /// <summary>The size the running machine sees.</summary>
    public long Length { get; private set; }

    /// <summary>The bytes that pages take up.</summary>
    public long Allocated => (long)_seen.Count * PageSize;

    /// <summary>Reads what is there.</summary>
    public int Read(long position, Span<byte> into)
    {
        var count = (int)Math.Clamp(Length - position, 0, into.Length);
        for (var done = 0; done < count;)
        {
            var (page, at) = Math.DivRem(position + done, PageSize);
            var part = (int)Math.Min(PageSize - at, count - done);
            _seen.GetValueOrDefault(page, Zeros).AsSpan((int)at, part).CopyTo(into[done..]);
            done += part;
        }

        return count;
    }

    /// <summary>Writes in memory.</summary>
    public void Write(long position, ReadOnlySpan<byte> bytes)
    {
        for (var done = 0; done < bytes.Length;)
        {
            var (page, at) = Math.DivRem(position + done, PageSize);
            var part = (int)Math.Min(PageSize - at, bytes.Length - done);
            var changed = _seen.GetValueOrDefault(page, Zeros).AsSpan().ToArray();
            bytes.Slice(done, part).CopyTo(changed.AsSpan((int)at));
            _seen[page] = changed;
            _dirty.Add(page);
            done += part;
        }

        Length = Math.Max(Length, position + bytes.Length);
    }

    /// <summary>Cuts or extends in memory.</summary>
    public void SetLength(long length)
    {
        foreach (var (page, bytes) in _seen.Where(entry => (entry.Key + 1) * PageSize > length).ToList())
        {
            _dirty.Add(page);
            if (page * PageSize >= length)
            {
                _seen.Remove(page);
                continue;
            }

            var changed = bytes.AsSpan().ToArray();
            changed.AsSpan((int)(length - (page * PageSize))).Clear();
            _seen[page] = changed;
        }

        Length = length;
    }

    /// <summary>What is seen is durable now.</summary>
    public void Sync()
    {
        foreach (var page in _dirty)
            Keep(page, _seen.GetValueOrDefault(page));
        _dirty.Clear();
        _durableLength = Length;
    }

    /// <summary>A sync failed: the kernel holds the pages clean from now on, though they never reached the disk, and
    /// later syncs leave them out.</summary>
    public void Poison() => _dirty.Clear();

    /// <summary>What lies from a position on and is believed to be on disk is read from there again.</summary>
    public void ForgetCached(long position)
    {
        var pages = _seen.Keys.Union(_durable.Keys).Where(page => (page + 1) * PageSize > position).ToList();
        foreach (var page in pages.Where(page => !_dirty.Contains(page)))
        {
            if (_durable.TryGetValue(page, out var bytes))
                _seen[page] = bytes;
            else
                _seen.Remove(page);
        }
    }

    /// <summary>The machine stopped: what was not durable is there in part, as chance decides.</summary>
    public void Crash(Func<int, int> draw, CrashKind kind)
    {
        var length = kind == CrashKind.LosesAll
            ? _durableLength
            : _durableLength + Signed(draw, Length - _durableLength);
        foreach (var page in _dirty)
            Keep(page, Mixed(page, draw, kind));
        _dirty.Clear();
        _durableLength = length;
        _seen.Clear();
        foreach (var (page, bytes) in _durable)
            _seen[page] = bytes;
        SetLength(length);
        Sync();
    }

    /// <summary>Changes a byte beneath everybody, as a failing disk does.</summary>
    public void Flip(long position, byte mask)
    {
        Span<byte> one = stackalloc byte[1];
        Read(position, one);
        one[0] ^= mask;
        Write(position, one);
        Sync();
    }

    private static long Signed(Func<int, int> draw, long distance) => draw(3) switch
    {
        0 => 0,
        1 => distance,
        _ => Math.Sign(distance) * draw((int)Math.Min(Math.Abs(distance), int.MaxValue - 1) + 1),
    };

    private void Keep(long page, byte[]? bytes)
    {
        if (bytes is null)
            _durable.Remove(page);
        else
            _durable[page] = bytes;
    }

    private byte[] Mixed(long page, Func<int, int> draw, CrashKind kind)
    {
        var (before, after) = (_durable.GetValueOrDefault(page, Zeros), _seen.GetValueOrDefault(page, Zeros));
        if (kind == CrashKind.LosesAll)
            return before;
        var mixed = before.AsSpan().ToArray();
        for (var at = 0; at < PageSize; at += SectorSize)
        {
            if (draw(2) == 0)
                after.AsSpan(at, SectorSize).CopyTo(mixed.AsSpan(at));
        }

        return mixed;
    }
}
