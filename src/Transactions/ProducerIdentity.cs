using Barnabas.Base;

namespace Barnabas.Transactions;

/// <summary>By which id and epoch a producer writes.</summary>
/// <param name="Id">The producer's id.</param>
/// <param name="Epoch">Its epoch, which fences older instances; -1 for none.</param>
public readonly record struct ProducerIdentity(ProducerId Id, short Epoch)
{
    /// <summary>No identity: none was given, or none is left.</summary>
    public static readonly ProducerIdentity None = new(ProducerId.None, -1);
}
