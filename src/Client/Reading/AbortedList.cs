using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

/// <summary>The aborted transactions within some fetched records (KIP-98).</summary>
/// <param name="listed">As the broker listed them; null for read_uncommitted.</param>
internal sealed class AbortedList(List<FetchResponse.AbortedTransaction>? listed)
{
    private readonly Queue<(ProducerId Id, Offset First)> _coming = new(
        (listed ?? []).Select(a => (a.ProducerId, a.FirstOffset)).OrderBy(a => a.FirstOffset));

    private readonly HashSet<ProducerId> _open = [];

    /// <summary>True when the broker listed them: else none is to be left out.</summary>
    public bool IsFiltering { get; } = listed is not null;

    /// <summary>Moves on to the batch that ends at <paramref name="last"/>.</summary>
    public void MoveTo(Offset last)
    {
        while (_coming.TryPeek(out var next) && next.First <= last)
            _open.Add(_coming.Dequeue().Id);
    }

    /// <summary>True when a transactional batch of this producer belongs to an aborted transaction.</summary>
    public bool IsAborted(ProducerId id) => _open.Contains(id);

    /// <summary>An abort marker of this producer has come.</summary>
    public void Close(ProducerId id) => _open.Remove(id);
}
