using Barnabas.Cluster.Configs;

namespace Barnabas.Node.Configuration;

/// <summary>Guesses which config was meant by a name that is none.</summary>
internal static class Suggestion
{
    private const int FurthestEdits = 3;

    /// <summary>The broker config whose name is nearest; null where none is near.</summary>
    public static string? For(string key)
    {
        var furthest = Math.Min(FurthestEdits, key.Length / 4);
        var (nearest, edits) = ((string?)null, furthest + 1);
        foreach (var definition in ConfigDefinitions.Broker.All)
        {
            if (Math.Abs(definition.Name.Length - key.Length) >= edits)
                continue;
            var distance = Distance(key, definition.Name);
            if (distance < edits)
                (nearest, edits) = (definition.Name, distance);
        }

        return nearest;
    }

    /// <summary>How many signs have to be put in, taken out or changed to make one text the other.</summary>
    private static int Distance(string from, string to)
    {
        var row = new int[to.Length + 1];
        for (var j = 0; j <= to.Length; j++)
            row[j] = j;
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var changed = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[to.Length];
    }
}
