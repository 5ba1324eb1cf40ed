using Barnabas.Server;
using Barnabas.Server.Apis;

namespace Barnabas.Node;

/// <summary>The parts of a node that serves, for those who look at it.</summary>
/// <param name="Broker">What the APIs work with.</param>
/// <param name="Server">Its listeners and connections.</param>
/// <param name="Metadata">Its part of the controller.</param>
internal sealed record ObservedParts(Broker Broker, SocketServer Server, MetadataRole Metadata);
