using Barnabas.Base;

namespace Barnabas.Groups.Offsets;

/// <summary>An offset of a partition whose transaction is open, before those that were written earlier.</summary>
/// <remarks>What was written last counts, not what was decided last: it is what compaction keeps. So an offset that
/// something decided has followed comes to nothing, though its transaction be committed.</remarks>
/// <param name="Producer">Whose transaction it is; each producer has one in the list.</param>
/// <param name="Offset">What the offset will be.</param>
/// <param name="IsSuperseded">True when the group has an offset that was written later.</param>
/// <param name="Earlier">The one before; null for none.</param>
public sealed record PendingOffset(
    ProducerId Producer, CommittedOffset Offset, bool IsSuperseded, PendingOffset? Earlier)
{
    /// <summary>The list with one more, in place of what the producer had in it.</summary>
    public static PendingOffset Add(PendingOffset? list, ProducerId producer, CommittedOffset offset) =>
        new(producer, offset, false, list?.Without(producer));

    /// <summary>The list less what a producer had in it; null when nothing is left.</summary>
    public PendingOffset? Without(ProducerId producer) =>
        Producer == producer ? Earlier : this with { Earlier = Earlier?.Without(producer) };

    /// <summary>The list once an offset was written that counts at once.</summary>
    public PendingOffset Superseded() => this with { IsSuperseded = true, Earlier = Earlier?.Superseded() };

    /// <summary>What a producer's commit makes of it.</summary>
    /// <returns>What is left, and the offset that counts now; null for none.</returns>
    public (PendingOffset? Left, CommittedOffset? Offset) Commit(ProducerId producer)
    {
        if (Producer == producer)
            return IsSuperseded ? (Earlier, null) : (Earlier?.Superseded(), Offset);
        if (Earlier is null)
            return (this, null);
        var (left, offset) = Earlier.Commit(producer);
        return (this with { Earlier = left }, offset);
    }
}
