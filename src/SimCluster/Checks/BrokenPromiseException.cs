namespace Barnabas.SimCluster;

/// <summary>Something that always has to hold did not: the product is wrong, or what looks at it.</summary>
/// <param name="message">Which promise, where, and what was found instead.</param>
public sealed class BrokenPromiseException(string message) : Exception(message);
