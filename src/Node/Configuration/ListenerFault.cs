namespace Barnabas.Node.Configuration;

/// <summary>What is wrong with the listeners, and which config says so.</summary>
/// <param name="Key">The config to change.</param>
/// <param name="Message">What is wrong, in a sentence.</param>
internal sealed record ListenerFault(string Key, string Message);
