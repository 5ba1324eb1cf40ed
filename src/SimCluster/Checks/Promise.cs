using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Barnabas.SimCluster;

/// <summary>Looks at what has to be true of a history.</summary>
internal static class Promise
{
    /// <summary>Ends the history where <paramref name="kept"/> is false.</summary>
    /// <param name="kept">What has to be true.</param>
    /// <param name="broken">What to say where it is not: made only then.</param>
    /// <exception cref="BrokenPromiseException">It is false.</exception>
    public static void Holds(
        [DoesNotReturnIf(false)] bool kept,
        [InterpolatedStringHandlerArgument(nameof(kept))] ref PromiseText broken)
    {
        if (!kept)
            throw new BrokenPromiseException(broken.ToString());
    }

    /// <summary>As the other, where there is nothing to fill in.</summary>
    public static void Holds([DoesNotReturnIf(false)] bool kept, string broken)
    {
        if (!kept)
            throw new BrokenPromiseException(broken);
    }
}

/// <summary>What is said of a broken promise; nothing is made of it where the promise holds.</summary>
[InterpolatedStringHandler]
internal ref struct PromiseText
{
    private DefaultInterpolatedStringHandler _text;

    public PromiseText(int literalLength, int formattedCount, bool kept, out bool isNeeded)
    {
        isNeeded = !kept;
        _text = kept ? default : new DefaultInterpolatedStringHandler(literalLength, formattedCount);
    }

    public void AppendLiteral(string text) => _text.AppendLiteral(text);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public override string ToString() => _text.ToString();
}
