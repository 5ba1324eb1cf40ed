using System.Globalization;
using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>Bytes on disk that are not what was written there.</summary>
/// <param name="Path">The file.</param>
/// <param name="Position">Where in the file the damaged batch begins.</param>
/// <param name="Offset">The offset of the record expected there.</param>
/// <param name="Reason">What is wrong, in a clause.</param>
public sealed record LogDamage(string Path, long Position, Offset Offset, string Reason)
{
    /// <summary>A line for the operator.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture, $"{Path} is damaged at byte {Position} (offset {Offset}): {Reason}");
}

/// <summary>A log holds damaged bytes where synced ones stood: it is not opened, so that they are never
/// served.</summary>
/// <remarks>It concerns one partition; other faults of the machine concern the whole log directory.</remarks>
/// <param name="damage">What was found.</param>
public sealed class LogDamagedException(LogDamage damage) : IOException(damage.ToString())
{
    /// <summary>What was found.</summary>
    public LogDamage Damage { get; } = damage;
}
