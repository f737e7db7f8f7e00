using System.Text.Json.Nodes;
using Sealos.ApiServer.Authorization;
using Sealos.Objects.Certificates;
using Sealos.Objects.Serialization;

namespace Sealos.ApiServer.Admission;

/// <summary>
/// Who may decide over and answer certificate requests depends on their signer, and nobody is made a master of the cloud by
/// one: Kubernetes' CertificateApproval, CertificateSigning and CertificateSubjectRestriction.
/// </summary>
internal sealed class CertificateAdmission(Authorizer authorizer, string? reservedGroup) : AdmissionPlugin
{
    private const string Group = "certificates.k8s.io";
    private const string ClientSigner = "kubernetes.io/kube-apiserver-client";

    public override ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Resource is { Group: Group, Plural: "certificatesigningrequests" })
        {
            switch (attributes.Subresource, attributes.Operation)
            {
                case ("approval", Operation.Update):
                    Require(attributes, "approve");
                    break;
                case ("status", Operation.Update) when IsAnswered(attributes):
                    Require(attributes, "sign");
                    break;
                case (null, Operation.Create):
                    RefuseReserved(attributes);
                    break;
            }
        }

        return ValueTask.CompletedTask;
    }

    private static bool IsAnswered(AdmissionAttributes attributes)
    {
        var (now, before) = (attributes.Object.Child("status"), attributes.OldObject.Child("status"));
        return now.Text("certificate") != before.Text("certificate") || !JsonNode.DeepEquals(now.Array("conditions"), before.Array("conditions"));
    }

    // The right is over a signer of that name, or over all of its domain.
    private void Require(AdmissionAttributes attributes, string verb)
    {
        var signer = attributes.OldObject.Child("spec").Text("signerName") ?? "";
        var wish = new AuthorizationAttributes(attributes.Context.User, verb) { Group = Group, Resource = "signers", Name = signer };
        if (!authorizer.Authorize(wish).IsAllowed && !authorizer.Authorize(wish with { Name = $"{signer.Split('/')[0]}/*" }).IsAllowed)
        {
            throw attributes.Forbidden($"user not permitted to {verb} requests with signerName \"{signer}\"");
        }
    }

    // Groups whose rights no role gives: a certificate for them would be a way around every role.
    private void RefuseReserved(AdmissionAttributes attributes)
    {
        var spec = attributes.Object.Child("spec");
        if (spec.Text("signerName") != ClientSigner)
        {
            return;
        }

        try
        {
            var groups = SigningRequest.Parse(Convert.FromBase64String(spec.Text("request") ?? "")).Organizations;
            if (groups.FirstOrDefault(g => g == Authentication.UserInfo.MastersGroup || g == reservedGroup) is { } group)
            {
                throw attributes.Forbidden($"use of {ClientSigner} signer with {group} group is not allowed");
            }
        }
        catch (FormatException e)
        {
            throw attributes.Forbidden($"failed to parse CSR: {e.Message}");
        }
    }
}
