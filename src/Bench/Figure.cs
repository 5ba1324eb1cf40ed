namespace Barnabas.Bench;

/// <summary>Something that was measured.</summary>
/// <param name="Name">What, as <c>throughput</c> or <c>ack p99</c>.</param>
/// <param name="Value">How much.</param>
/// <param name="Unit">Of what, as <c>MB/s</c>; MB and GB are powers of ten, MiB is not.</param>
/// <param name="Better">Whether more or less of it is better.</param>
public readonly record struct Figure(string Name, double Value, string Unit, Better Better);
