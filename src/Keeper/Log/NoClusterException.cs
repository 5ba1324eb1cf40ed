namespace Barnabas.Keeper;

/// <summary>An ensemble keeps no cluster at the place that was named, and none was to begin there.</summary>
/// <param name="connect">The place.</param>
public sealed class NoClusterException(ConnectString connect) : IOException($"ZooKeeper at {connect} keeps no cluster");
