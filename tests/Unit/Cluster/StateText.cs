using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;

namespace Barnabas.Tests.Unit.Cluster;

/// <summary>All that a state holds, as text: equal states have equal texts, and a difference can be read.</summary>
internal static class StateText
{
    public static string Of(ClusterState state)
    {
        var text = new StringBuilder();
        Write(text, state, 0);
        return text.ToString();
    }

    private static void Write(StringBuilder text, object? value, int depth)
    {
        switch (value)
        {
            case null:
                text.AppendLine("null");
                break;
            case string or Enum:
            case IConvertible:
                text.AppendLine(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
            case StoredConfigs configs:
                Write(text, configs.All, depth);
                break;
            case IEnumerable list:
                text.AppendLine("[");
                foreach (var element in list)
                    Write(text.Append(' ', depth + 1), element, depth + 1);
                text.Append(' ', depth).AppendLine("]");
                break;
            default:
                WriteParts(text, value, depth);
                break;
        }
    }

    private static void WriteParts(StringBuilder text, object value, int depth)
    {
        var parts = value.GetType()
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(part => part.GetIndexParameters().Length == 0 && part.Name is not "Visible")
            .ToList();
        if (parts.Count == 0)
        {
            text.AppendLine(value.ToString());
            return;
        }

        text.AppendLine(value.GetType().Name);
        foreach (var part in parts)
            Write(text.Append(' ', depth + 1).Append(part.Name).Append(": "), part.GetValue(value), depth + 1);
    }
}
