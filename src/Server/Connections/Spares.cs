using System.Collections.Concurrent;

namespace Barnabas.Server;

/// <summary>Objects that have served and may serve again: each thread keeps some. A connection moves between threads,
/// so that one may take what another gives back: what a thread has too many of is there for all.</summary>
/// <remarks>Safe from any lane. What an object holds is up to who gives it back and who takes it.</remarks>
internal static class Spares<T>
    where T : class
{
    private const int Most = 64;
    private const int Handful = 16;
    private const int MostHandfuls = 16;
    private static readonly ConcurrentStack<T[]> Handfuls = new();

    [ThreadStatic]
    private static Stack<T>? _own;

    /// <summary>One that was given back; null where there is none.</summary>
    internal static T? Take()
    {
        var own = _own ??= new Stack<T>();
        if (own.TryPop(out var spare))
            return spare;
        if (!Handfuls.TryPop(out var handful))
            return null;
        foreach (var one in handful.AsSpan(1))
            own.Push(one);
        return handful[0];
    }

    /// <summary>Gives one back, which nobody looks at any more.</summary>
    /// <returns>False where there are enough: it is the caller's still.</returns>
    internal static bool TryKeep(T spare)
    {
        var own = _own ??= new Stack<T>();
        if (own.Count == Most)
        {
            if (Handfuls.Count >= MostHandfuls)
                return false;
            var handful = new T[Handful];
            for (var i = 0; i < Handful; i++)
                handful[i] = own.Pop();
            Handfuls.Push(handful);
        }

        own.Push(spare);
        return true;
    }
}
