namespace Sealos.Objects.Certificates;

/// <summary>Verifies Ed25519 signatures, which .NET does not.</summary>
public static class Ed25519
{
    /// <summary>The algorithm's object identifier.</summary>
    public const string Id = "1.3.101.112";

    /// <summary>Whether a signature over a message was made with the key. The library is loaded by the first question.</summary>
    public static bool Verify(byte[] publicKey, byte[] message, byte[] signature) =>
        publicKey.Length == Org.BouncyCastle.Math.EC.Rfc8032.Ed25519.PublicKeySize
        && signature.Length == Org.BouncyCastle.Math.EC.Rfc8032.Ed25519.SignatureSize
        && Org.BouncyCastle.Math.EC.Rfc8032.Ed25519.Verify(signature, 0, publicKey, 0, message, 0, message.Length);
}
