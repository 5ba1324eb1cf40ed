using System.Text.RegularExpressions;

namespace Barnabas.Cluster.Configs;

/// <summary>What one attribute of a client must look like: <c>client_id=team-.*</c> (KIP-714).</summary>
/// <remarks>Regular expressions are matched in time that is linear in the text, so that no pattern can hold the node
/// up; those that need more (back references, look-around) are refused.</remarks>
public sealed class ClientPattern
{
    /// <summary>The client's id for its metrics.</summary>
    public const string InstanceId = "client_instance_id";

    /// <summary>What the client calls itself.</summary>
    public const string ClientId = "client_id";

    /// <summary>The name of its library.</summary>
    public const string SoftwareName = "client_software_name";

    /// <summary>The version of its library.</summary>
    public const string SoftwareVersion = "client_software_version";

    /// <summary>The address it connects from.</summary>
    public const string SourceAddress = "client_source_address";

    /// <summary>The port it connects from.</summary>
    public const string SourcePort = "client_source_port";

    private static readonly string[] Attributes =
        [InstanceId, ClientId, SoftwareName, SoftwareVersion, SourceAddress, SourcePort];

    private readonly Regex _whole;

    private ClientPattern(string attribute, Regex whole) => (Attribute, _whole) = (attribute, whole);

    /// <summary>The attribute.</summary>
    public string Attribute { get; }

    /// <summary>Reads a pattern; null where the text is none.</summary>
    public static ClientPattern? TryParse(string text)
    {
        if (text.Split('=') is not [var name, var pattern] || !Attributes.Contains(name.Trim()))
            return null;
        try
        {
            const RegexOptions linear = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
            return new(name.Trim(), new Regex($@"\A(?:{pattern.Trim()})\z", linear));
        }
        catch (Exception fault) when (fault is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>True when all of the value looks like that.</summary>
    public bool Matches(string value) => _whole.IsMatch(value);
}
