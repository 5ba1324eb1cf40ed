namespace Barnabas.Log;

/// <summary>Another process holds a log directory: two must never write to it, so the node must not start.</summary>
/// <param name="path">The directory.</param>
/// <param name="lockName">The file by which it is held.</param>
public sealed class DirectoryInUseException(string path, string lockName)
    : IOException($"{path} is in use by another process: it holds {lockName}");
