using Barnabas.Base;
using Barnabas.Server.Quotas;

namespace Barnabas.Server;

/// <summary>What the connections of one listener share.</summary>
internal sealed record ServerParts(
    Host Host,
    Pipeline Pipeline,
    RequestMemory Memory,
    ConnectionLimits Limits,
    ServerMetrics Metrics,
    ConnectionLog Log,
    ClientQuotas? Quotas);
