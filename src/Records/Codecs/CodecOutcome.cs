namespace Barnabas.Records;

/// <summary>How compressing or decompressing ended.</summary>
public enum CodecOutcome
{
    /// <summary>All went well.</summary>
    Done,

    /// <summary>The bytes are not what the codec writes, or are cut short.</summary>
    Corrupt,

    /// <summary>The limit would be exceeded.</summary>
    TooLarge,

    /// <summary>This machine lacks the codec's library, or the number names no codec.</summary>
    Unavailable,

    /// <summary>Whoever takes the output wanted no more of it.</summary>
    Stopped,
}
