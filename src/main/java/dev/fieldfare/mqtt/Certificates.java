package dev.fieldfare.mqtt;

import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/** Trust in a broker whose certificate was signed at home. */
final class Certificates {
    private Certificates() {}

    /**
     * Makes connections that trust the authorities of a PEM file, and no others.
     *
     * @throws FieldfareException naming the file if there is no certificate in it
     */
    static SSLSocketFactory trusting(Path file) {
        try (InputStream bytes = Files.newInputStream(file)) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            int count = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(bytes)) {
                trusted.setCertificateEntry("authority " + count++, certificate);
            }
            if (count == 0) {
                throw new FieldfareException("mqtt.certificate: there is no certificate in " + file
                        + "; it must be a PEM file, with a line BEGIN CERTIFICATE");
            }
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context.getSocketFactory();
        } catch (IOException e) {
            throw new FieldfareException("mqtt.certificate: cannot read " + file + "; check the path", e);
        } catch (GeneralSecurityException e) {
            throw new FieldfareException(
                    "mqtt.certificate: " + file + " holds no certificate in PEM that Java can read: " + e.getMessage(),
                    e);
        }
    }
}
