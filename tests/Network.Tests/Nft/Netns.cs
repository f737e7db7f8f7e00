using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Sealos.Network_Tests.Nft;

/// <summary>Runs code inside a network namespace, given by its name or as a file; sockets made there stay there, whoever uses them later.</summary>
internal static class Netns
{
    private const int NetworkNamespace = 0x40000000;

    public static T Run<T>(string ns, Func<T> action)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;

        // A thread of its own: the namespace belongs to the thread and ends with it.
        var thread = new Thread(() =>
        {
            try
            {
                using var file = File.OpenHandle(Path.Combine("/run/netns", ns));
                if (SetNs(file.DangerousGetHandle().ToInt32(), NetworkNamespace) != 0)
                {
                    throw new InvalidOperationException($"cannot enter namespace {ns}: error {Marshal.GetLastPInvokeError()}");
                }

                result = action();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static extern int SetNs(int fd, int type);
}
