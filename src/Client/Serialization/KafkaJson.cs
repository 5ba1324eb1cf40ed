using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>Values as JSON, by contracts made at build time.</summary>
public static class KafkaJson
{
    /// <summary>The serializer and deserializer of a type.</summary>
    /// <param name="type">Its contract, from a <c>JsonSerializerContext</c>.</param>
    public static Serde<T> Serde<T>(JsonTypeInfo<T> type) => new(
        (value, to) =>
        {
            using var json = new Utf8JsonWriter(to);
            JsonSerializer.Serialize(json, value, type);
        },
        bytes =>
        {
            try
            {
                return JsonSerializer.Deserialize(bytes, type)!;
            }
            catch (JsonException fault)
            {
                throw new KafkaException(
                    ErrorCode.InvalidRecord, $"the bytes are no such JSON: {fault.Message}", fault);
            }
        });
}
