using System.Diagnostics.CodeAnalysis;

namespace Barnabas.Journal;

/// <summary>What a command came to: the answer to give once the records are committed, and what to do then.</summary>
/// <typeparam name="TAnswer">The answer.</typeparam>
/// <typeparam name="TRecord">What the journal lists.</typeparam>
/// <param name="Answer">Given when the records, and all before them, are committed.</param>
/// <param name="Records">Appended all or none; empty for a refusal or when nothing changes.</param>
/// <param name="Effects">Performed in order after the commit, before the answer.</param>
public readonly record struct Decision<TAnswer, TRecord>(
    TAnswer Answer, IReadOnlyList<TRecord> Records, IReadOnlyList<Effect> Effects)
{
    /// <summary>A decision without effects.</summary>
    public Decision(TAnswer answer, IReadOnlyList<TRecord> records)
        : this(answer, records, [])
    {
    }

    /// <summary>A decision that changes nothing: a refusal, or an answer from the state.</summary>
    [SuppressMessage("Usage", "CA2225", Justification = "The constructor is the named form.")]
    public static implicit operator Decision<TAnswer, TRecord>(TAnswer answer) => new(answer, [], []);
}
