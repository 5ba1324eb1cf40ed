using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

/// <summary>An access control entry, kept as it came: numbers are the wire's.</summary>
/// <param name="ResourceType">What it is about.</param>
/// <param name="ResourceName">Which one, as <paramref name="PatternType"/> says.</param>
/// <param name="PatternType">Literal or prefixed.</param>
/// <param name="Principal">Whom it concerns, <c>User:name</c>.</param>
/// <param name="Host">From where; <c>*</c> for anywhere.</param>
/// <param name="Operation">What is done.</param>
/// <param name="PermissionType">Whether that is allowed or denied.</param>
public sealed record AclEntry(
    sbyte ResourceType, string ResourceName, sbyte PatternType, string Principal, string Host, sbyte Operation,
    sbyte PermissionType)
{
    internal static AclEntry From(AccessControlEntryRecord record) => new(
        record.ResourceType, record.ResourceName, record.PatternType, record.Principal, record.Host,
        record.Operation, record.PermissionType);

    internal AccessControlEntryRecord ToRecord(Uuid id) => new()
    {
        Id = id,
        ResourceType = ResourceType,
        ResourceName = ResourceName,
        PatternType = PatternType,
        Principal = Principal,
        Host = Host,
        Operation = Operation,
        PermissionType = PermissionType,
    };
}
