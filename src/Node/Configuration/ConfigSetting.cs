namespace Barnabas.Node.Configuration;

/// <summary>A config that something sets.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Value">The value, as it stands there.</param>
/// <param name="Place">Where: a file and line, an environment variable, the command line.</param>
internal sealed record ConfigSetting(string Key, string Value, string Place);
