using System.Globalization;
using Barnabas.Bench;

namespace Barnabas.Cli.Commands;

/// <summary>What a figure should be.</summary>
/// <param name="Better">More for at least, less for at most.</param>
/// <param name="Value">How much.</param>
internal readonly record struct Bound(Better Better, double Value)
{
    /// <summary>No less than a value.</summary>
    public static Bound AtLeast(double value) => new(Better.More, value);

    /// <summary>No more than a value.</summary>
    public static Bound AtMost(double value) => new(Better.Less, value);

    /// <summary>True when a figure is what it should be.</summary>
    public bool Holds(double value) => Better == Better.More ? value >= Value : value <= Value;

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(Better == Better.More ? ">=" : "<=")} {Value}");
}
