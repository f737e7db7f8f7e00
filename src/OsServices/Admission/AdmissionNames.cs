namespace Sealos.OsServices.Admission;

/// <summary>Names of admission's own objects.</summary>
internal static class AdmissionNames
{
    /// <summary>The namespace of the cloud's own things.</summary>
    public const string Namespace = "sealos-system";

    /// <summary>The Secret with the certificates and the secret part of the address.</summary>
    public const string Secret = "sealos-admission";

    /// <summary>Both configurations.</summary>
    public const string Configuration = "sealos-tenancy";

    /// <summary>The policy that every workspace has; part of its walls.</summary>
    public const string WallsPolicy = "sealos-walls";
}
