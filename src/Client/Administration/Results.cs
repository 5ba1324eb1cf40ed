using Barnabas.Base;
using Barnabas.Wire;

namespace Barnabas.Client;

/// <summary>What came of creating a topic.</summary>
/// <param name="Name">The topic.</param>
/// <param name="Id">Its id; zero where the broker is too old to say.</param>
/// <param name="Partitions">How many partitions it has; -1 where the broker is too old to say.</param>
/// <param name="Replication">How many replicas each has; -1 where the broker is too old to say.</param>
/// <param name="Failure">Why it was not created; null when it was.</param>
public sealed record CreatedTopic(
    string Name, TopicId Id, int Partitions, short Replication, KafkaException? Failure);

/// <summary>What came of an operation on a topic.</summary>
/// <param name="Name">The topic.</param>
/// <param name="Failure">Why it failed; null when it did not.</param>
public sealed record TopicResult(string Name, KafkaException? Failure);

/// <summary>A cluster.</summary>
/// <param name="ClusterId">Its id; null where the broker is too old to say.</param>
/// <param name="Controller">The broker that controllers' requests go to; -1 when there is none.</param>
/// <param name="Brokers">Its brokers, by id.</param>
public sealed record ClusterDescription(
    string? ClusterId, BrokerId Controller, IReadOnlyList<BrokerAddress> Brokers);

/// <summary>An API a broker serves.</summary>
/// <param name="Key">The API.</param>
/// <param name="FirstVersion">Its oldest version there.</param>
/// <param name="LastVersion">Its newest version there.</param>
public readonly record struct ServedApi(ApiKey Key, short FirstVersion, short LastVersion);
