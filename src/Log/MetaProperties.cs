using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>Whose a log directory is: the content of <c>meta.properties</c>.</summary>
/// <param name="ClusterId">The cluster's id.</param>
/// <param name="NodeId">The node's id.</param>
/// <param name="DirectoryId">The directory's own id (KIP-858); null where an old version wrote the file.</param>
public sealed record MetaProperties(string ClusterId, BrokerId NodeId, Uuid? DirectoryId);
