using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Fuzz;

/// <summary>A request's class, reached by its key: what the fuzzer knows of it.</summary>
internal abstract class Api
{
    /// <summary>Every request the schemas describe, by the name of its class.</summary>
    public static IReadOnlyDictionary<string, Api> All { get; } = typeof(ProduceRequest).Assembly.GetExportedTypes()
        .Select(type => (Type: type, Request: RequestOf(type)))
        .Where(found => found.Request is not null)
        .ToDictionary(found => found.Type.Name, found => (Api)Activator.CreateInstance(
            typeof(Of<,>).MakeGenericType(found.Request!.GetGenericArguments()))!);

    /// <summary>The number that names it.</summary>
    public abstract ApiKey Key { get; }

    /// <summary>The oldest version.</summary>
    public abstract short First { get; }

    /// <summary>The newest version.</summary>
    public abstract short Last { get; }

    /// <summary>True when the version has tagged fields.</summary>
    public abstract bool IsFlexible(short version);

    /// <summary>Reads a body.</summary>
    public abstract IMessage Read(byte[] body, short version);

    /// <summary>The body of a request; null when the message holds what that version cannot carry.</summary>
    public static byte[]? TryWrite(IMessage message, short version)
    {
        using var frame = new OutgoingFrame();
        try
        {
            frame.Write(message, version);
            return frame.ToArray();
        }
        catch (Exception fault) when (fault is UnrepresentableFieldException or NullReferenceException)
        {
            return null;
        }
    }

    /// <summary>The request as it travels: size, header, body.</summary>
    public byte[] Frame(short version, int correlationId, string? client, byte[] body)
    {
        using var frame = new OutgoingFrame();
        var header = new RequestHeader
        {
            RequestApiKey = (short)Key,
            RequestApiVersion = version,
            CorrelationId = correlationId,
            ClientId = client,
        };
        frame.Write(header, IsFlexible(version) ? (short)2 : (short)1);
        byte[] bytes = [.. frame.ToArray(), .. body];
        var size = new byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(size, bytes.Length);
        return [.. size, .. bytes];
    }

    private static Type? RequestOf(Type type) => !type.IsClass || type.IsNested ? null : Array.Find(
        type.GetInterfaces(), i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IRequest<,>));

    private sealed class Of<TRequest, TResponse> : Api
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IApiMessage<TResponse>
    {
        public override ApiKey Key => TRequest.ApiKey;

        public override short First => TRequest.FirstVersion;

        public override short Last => TRequest.LastVersion;

        public override bool IsFlexible(short version) => TRequest.IsFlexible(version);

        public override IMessage Read(byte[] body, short version)
        {
            var reader = new WireReader(body);
            return TRequest.Read(ref reader, version);
        }
    }
}
