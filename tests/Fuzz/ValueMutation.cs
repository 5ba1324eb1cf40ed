using System.Collections;
using System.Reflection;
using Barnabas.Base;
using Barnabas.Wire;

namespace Barnabas.Tests.Fuzz;

/// <summary>Gives the fields of a message other values: well-formed requests that say strange things.</summary>
internal sealed class ValueMutation(Random random, Vocabulary vocabulary)
{
    private const int MostPlaces = 300;

    /// <summary>Changes some fields, at any depth.</summary>
    public void Apply(object message)
    {
        for (var rounds = random.Next(1, 6); rounds > 0; rounds--)
        {
            var places = new List<(object Owner, PropertyInfo Field)>();
            Collect(message, places);
            if (places.Count == 0)
                return;
            var (owner, field) = places[random.Next(places.Count)];
            field.SetValue(owner, Other(field.PropertyType, field.GetValue(owner), depth: 0));
        }
    }

    /// <summary>Makes one string, list or run of bytes longer by one; false when there is none.</summary>
    public bool Lengthen(object message)
    {
        var places = new List<(object Owner, PropertyInfo Field)>();
        Collect(message, places);
        var sized = places.Where(p => p.Field.GetValue(p.Owner) is string or IList or ReadOnlyMemory<byte>).ToList();
        if (sized.Count == 0)
            return false;
        var (owner, field) = sized[random.Next(sized.Count)];
        var value = field.GetValue(owner);
        if (value is IList list)
            list.Add(list.Count > 0 ? list[^1] : Other(list.GetType().GetGenericArguments()[0], null, depth: 0));
        else
            field.SetValue(owner, value is string text ? text + "a" : Longer((ReadOnlyMemory<byte>)value!));
        return true;
    }

    private static ReadOnlyMemory<byte> Longer(ReadOnlyMemory<byte> bytes) => (byte[])[.. bytes.Span, 0];

    private static void Collect(object message, List<(object Owner, PropertyInfo Field)> places)
    {
        foreach (var field in message.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public))
        {
            if (!field.CanWrite || field.GetIndexParameters().Length > 0 || places.Count >= MostPlaces)
                continue;
            places.Add((message, field));
            var value = field.GetValue(message);
            if (value is IList list)
            {
                foreach (var element in list.Cast<object>().Where(IsStruct))
                    Collect(element, places);
            }
            else if (value is not null && IsStruct(value))
            {
                Collect(value, places);
            }
        }
    }

    private static bool IsStruct(object value) => value is IDescribed && value.GetType().IsClass;

    private object? Other(Type type, object? now, int depth)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return random.Next(4) == 0 ? null : Other(underlying, now, depth);
        if (type == typeof(string))
            return random.Next(12) == 0 ? null : vocabulary.Word(random);
        if (type == typeof(RecordBytes))
            return new RecordBytes(Vocabulary.Batch(random));
        if (type == typeof(ReadOnlyMemory<byte>))
            return new ReadOnlyMemory<byte>(Bytes());
        if (type == typeof(Uuid))
            return vocabulary.Id(random);
        if (type == typeof(bool))
            return random.Next(2) == 0;
        if (type.IsEnum)
            return Enum.ToObject(type, (short)Vocabulary.Number(random));
        if (type.IsPrimitive)
            return Narrow(type, Vocabulary.Number(random));
        if (type.IsAssignableTo(typeof(IList)))
            return List(type, (IList?)now, depth);
        if (type.IsValueType)
            return Wrapped(type, depth);
        return random.Next(6) == 0 ? null : Activator.CreateInstance(type);
    }

    private byte[] Bytes()
    {
        if (random.Next(2) == 0)
            return Vocabulary.Batch(random);
        var bytes = new byte[random.Next(100)];
        random.NextBytes(bytes);
        return bytes;
    }

    // A domain type around a bare value, as Offset is; what has no such form stays at its default.
    private object? Wrapped(Type type, int depth)
    {
        var constructor = Array.Find(type.GetConstructors(), c => c.GetParameters().Length == 1);
        var parameter = constructor?.GetParameters()[0].ParameterType;
        return parameter is null || !(parameter.IsPrimitive || parameter == typeof(Uuid))
            ? Activator.CreateInstance(type)
            : constructor!.Invoke([Other(parameter, null, depth)]);
    }

    private object? List(Type type, IList? now, int depth)
    {
        var list = now ?? (IList)Activator.CreateInstance(type)!;
        var element = type.GetGenericArguments()[0];
        switch (random.Next(5))
        {
            case 0:
                list.Clear();
                break;
            case 1 when list.Count > 0:
                list.RemoveAt(random.Next(list.Count));
                break;
            case 2 when list.Count > 0:
                var again = list[random.Next(list.Count)];
                for (var times = random.Next(8) == 0 ? 2_000 : random.Next(1, 4); times > 0; times--)
                    list.Add(again);
                break;
            case 3 when random.Next(8) == 0:
                return null;
            default:
                if (depth < 3)
                    list.Add(Fresh(element, depth));
                break;
        }

        return list;
    }

    private object? Fresh(Type element, int depth)
    {
        if (!element.IsClass || element == typeof(string) || element.IsAssignableTo(typeof(IList)))
            return Other(element, null, depth + 1) ?? Fresh(element, depth);
        var made = Activator.CreateInstance(element)!;
        foreach (var field in element.GetProperties().Where(f => f.CanWrite))
            field.SetValue(made, Other(field.PropertyType, field.GetValue(made), depth + 1));
        return made;
    }

    private static object Narrow(Type type, long number) => unchecked(Type.GetTypeCode(type) switch
    {
        TypeCode.SByte => (sbyte)number,
        TypeCode.Byte => (byte)number,
        TypeCode.Int16 => (short)number,
        TypeCode.UInt16 => (ushort)number,
        TypeCode.Int32 => (int)number,
        TypeCode.UInt32 => (uint)number,
        TypeCode.UInt64 => (ulong)number,
        TypeCode.Double => (double)number,
        TypeCode.Single => (float)number,
        _ => (object)number,
    });
}
