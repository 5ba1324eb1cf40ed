namespace Barnabas.Keeper;

/// <summary>A watched node has changed.</summary>
/// <param name="Kind">How.</param>
/// <param name="Path">The node.</param>
public readonly record struct WatchEvent(WatchEventKind Kind, string Path);
