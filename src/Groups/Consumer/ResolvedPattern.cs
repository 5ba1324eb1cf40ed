using System.Collections.Immutable;

namespace Barnabas.Groups.Consumer;

/// <summary>The topics that a pattern matched.</summary>
/// <param name="Topics">Their names, sorted.</param>
/// <param name="Version">The offset of the metadata it was matched against.</param>
/// <param name="Timestamp">When it was matched, in ms since 1970.</param>
public sealed record ResolvedPattern(ImmutableArray<string> Topics, long Version, long Timestamp);
