using System.Reflection;
using System.Text;
using Barnabas.Eng.Profile;

namespace Barnabas.Tests.Unit.Eng;

/// <summary>The events by which a runtime tells of methods of this process.</summary>
internal sealed class TraceOf
{
    private readonly Dictionary<object, ulong> _numbers = [];

    /// <summary>All so far.</summary>
    public List<TraceEvent> Events { get; } = [];

    /// <summary>Tells of <paramref name="method"/> and all that it is made of.</summary>
    public void Add(MethodInfo method) =>
        Add(new UsedMethod(Number(method.DeclaringType!), method.MetadataToken,
            [.. method.GetGenericArguments().Select(Number)]));

    /// <summary>Tells of a method whose types may be unknown.</summary>
    public void Add(UsedMethod method) => Tell(72, writer =>
    {
        writer.Write((ulong)Events.Count);
        writer.Write(method.Type);
        writer.Write(method.Token);
        writer.Write(method.Arguments.Count);
        writer.Write(0UL);
        WriteAll(writer, method.Arguments);
    });

    private ulong Number(Type type)
    {
        if (_numbers.TryGetValue(type, out var known))
            return known;

        var module = Number(type.Module);
        var arguments = (type.IsArray ? [type.GetElementType()!] : type.GetGenericArguments()).Select(Number).ToList();
        var number = _numbers[type] = (ulong)_numbers.Count + 1;
        Tell(15, writer =>
        {
            writer.Write(1);
            writer.Write((short)0);
            writer.Write(number);
            writer.Write(module);
            writer.Write(type.IsArray ? 0 : type.MetadataToken);
            writer.Write(type.IsArray ? 8 : 0);
            writer.Write((byte)0x12);
            WriteText(writer, "");
            writer.Write(arguments.Count);
            WriteAll(writer, arguments);
        });
        return number;
    }

    private ulong Number(Module module)
    {
        if (_numbers.TryGetValue(module, out var known))
            return known;

        var number = _numbers[module] = (ulong)_numbers.Count + 1;
        Tell(152, writer =>
        {
            writer.Write(number);
            writer.Write(0UL);
            writer.Write(0UL);
            WriteText(writer, module.FullyQualifiedName);
            WriteText(writer, "");
        });
        return number;
    }

    private void Tell(int id, Action<BinaryWriter> write)
    {
        using var fields = new MemoryStream();
        write(new(fields));
        Events.Add(new(id, fields.ToArray()));
    }

    private static void WriteText(BinaryWriter writer, string text) =>
        writer.Write(Encoding.Unicode.GetBytes(text + '\0'));

    private static void WriteAll(BinaryWriter writer, IEnumerable<ulong> numbers)
    {
        foreach (var number in numbers)
            writer.Write(number);
    }
}
