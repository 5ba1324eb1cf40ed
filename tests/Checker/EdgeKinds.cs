namespace Barnabas.Tests.Checker;

/// <summary>Why one operation comes before another.</summary>
[Flags]
internal enum EdgeKinds : byte
{
    /// <summary>For no reason.</summary>
    None = 0,

    /// <summary>The other's value stands next after the one's.</summary>
    WriteWrite = 1,

    /// <summary>The other read what the one wrote.</summary>
    WriteRead = 2,

    /// <summary>The same client did the other after the one.</summary>
    Process = 4,

    /// <summary>The one ended before the other began.</summary>
    Time = 8,
}
