using System.Diagnostics.CodeAnalysis;

namespace Barnabas.Base;

/// <summary>Checks that stay on in production: a broken one stops the node before it can spread.</summary>
public static class Invariant
{
    /// <summary>Stops the node with <paramref name="what"/> unless <paramref name="condition"/> holds.</summary>
    /// <exception cref="InvariantBrokenException">The condition is false: the program is wrong.</exception>
    public static void Holds([DoesNotReturnIf(false)] bool condition, string what)
    {
        if (!condition)
            throw new InvariantBrokenException(what);
    }
}

/// <summary>The program has contradicted itself. Never caught but by the node, which halts.</summary>
/// <param name="what">The statement that turned out false.</param>
public sealed class InvariantBrokenException(string what) : Exception(what);
