namespace Barnabas.Wire;

/// <summary>The bytes are not the message they claim to be; the connection that sent them is closed.</summary>
/// <param name="message">What is wrong with them.</param>
public sealed class MalformedFrameException(string message) : Exception(message)
{
    /// <summary>The fault of a null where the version allows none.</summary>
    public static MalformedFrameException NullOf(string field) => new($"{field} is null");
}

/// <summary>A message holds what the wire cannot carry.</summary>
/// <param name="what">What that is.</param>
public sealed class UnrepresentableFieldException(string what) : Exception($"{what} cannot be written")
{
    /// <summary>A field that must not be lost has no place in the version to be written.</summary>
    public UnrepresentableFieldException(string field, short version)
        : this($"{field} as version {version}")
    {
    }
}
