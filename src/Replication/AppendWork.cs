using System.Runtime.InteropServices;
using Barnabas.Base;
using Barnabas.Log;

namespace Barnabas.Replication;

/// <summary>The appends that go to a log in one write. Each thread keeps one, for whichever partition it
/// serves.</summary>
internal sealed class AppendWork : IDisposable
{
    /// <summary>What a burst has grown beyond this is not kept.</summary>
    private const int MostKept = 256;

    [ThreadStatic]
    private static AppendWork? _spare;

    private readonly List<PendingBatch> _batches = [];
    private AppendResult[] _results = [];

    /// <summary>Who is to be told.</summary>
    internal List<BatchAppend> Appends { get; } = [];

    /// <summary>What is to be written.</summary>
    internal ReadOnlySpan<PendingBatch> Batches => CollectionsMarshal.AsSpan(_batches);

    /// <summary>What the log says of each.</summary>
    internal Span<AppendResult> Results
    {
        get
        {
            if (_results.Length < _batches.Count)
                _results = new AppendResult[_batches.Capacity];
            return _results.AsSpan(0, _batches.Count);
        }
    }

    /// <summary>An empty one.</summary>
    internal static AppendWork Begin()
    {
        var work = _spare ?? new AppendWork();
        _spare = null;
        return work;
    }

    /// <summary>Adds an append, under the epoch of who leads.</summary>
    internal void Add(BatchAppend append, LeaderEpoch epoch)
    {
        Appends.Add(append);
        _batches.Add(append.Batch with { Epoch = epoch });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_batches.Count > MostKept)
            return;
        Appends.Clear();
        _batches.Clear();
        _spare = this;
    }
}
