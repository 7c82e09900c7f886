# Sourced by image/image: the Debian packages that the card is made of. What they bring and the board does not need goes
# again: image/left-out.
# shellcheck shell=bash disable=SC2034

card_packages="
    linux-image-arm64 raspi-firmware firmware-brcm80211 wireless-regdb
    base-files base-passwd netbase tzdata busybox-static dash bash
    systemd systemd-timesyncd systemd-resolved udev kmod mount
    e2fsprogs
    wpasupplicant iw avahi-daemon dropbear-bin
    libavformat61 libavcodec61 libavutil59 libswscale8
    libheif1 libheif-plugin-libde265 libheif-plugin-aomdec libheif-plugin-dav1d
    libwebpdemux2 libjpeg62-turbo libpng16-16t64 libfreetype6 libharfbuzz0b libqrencode4
    libseccomp2 libsqlite3-0 libdrm2 libgpiod3 libi2c0 libstdc++6"
